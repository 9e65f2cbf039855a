"""Words over columns: which two name the people of a tie, which a purchase, which a weight."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Words for the two ends, in several languages; an earlier pair wins over a later one.
_PAIR_WORDS = """
source/target src/dst src/dest src/tgt source/dest source/destination source/sink from/to ego/alter
follower/followee follower/followed follower/following follower/user follower/leader fan/idol
inviter/invitee inviter/invited referrer/referee referrer/referred referer/referee
recommender/recommended sender/receiver sender/recipient caller/callee caller/called rater/ratee
truster/trustee trustor/trustee truster/trusted user/friend person/friend user/contact
user/neighbor user/neighbour member/friend origin/destination origin/target tail/head head/tail
parent/child citing/cited start/end begin/end start/stop donor/recipient retweeter/retweeted
mentioner/mentioned author/mentioned left/right u/v i/j a/b
起点/终点 源/目标 来源/目标 源节点/目标节点 来源节点/目标节点 关注者/被关注者 邀请人/被邀请人
邀请者/被邀请者 推荐人/被推荐人 推荐者/被推荐者 发送者/接收者 发送人/接收人 发送方/接收方
发起人/接收人 用户/好友 用户/朋友 粉丝/博主 粉丝/关注对象 主叫/被叫 上级/下级 分享者/被分享者
分享人/被分享人 转发者/被转发者 拼团人/参团人 起點/終點 來源/目標 關注者/被關注者 追蹤者/被追蹤者
邀請人/被邀請人 邀請者/被邀請者 推薦人/被推薦人 使用者/好友
始点/終点 始点/终点 送信元/送信先 送信者/受信者 フォロワー/フォロイー 招待者/被招待者
출발/도착 출발지/목적지 출발지/도착지 소스/타겟 소스/대상 팔로워/팔로이 발신자/수신자 사용자/친구
origen/destino fuente/destino fuente/objetivo desde/hasta de/a seguidor/seguido emisor/receptor
usuario/amigo remitente/destinatario invitador/invitado origem/destino fonte/destino de/para
remetente/destinatário quelle/ziel von/nach von/zu von/an start/ziel absender/empfänger
sender/empfänger nutzer/freund follower/gefolgter werber/geworbener einladender/eingeladener
source/cible origine/cible origine/destination de/vers de/à émetteur/destinataire
expéditeur/destinataire suiveur/suivi abonné/abonnement parrain/filleul utilisateur/ami
origine/destinazione sorgente/destinazione fonte/destinazione da/a mittente/destinatario
bron/doel van/naar kaynak/hedef źródło/cel od/do
источник/цель откуда/куда от/кому от/к отправитель/получатель подписчик/автор пользователь/друг
المصدر/الهدف من/إلى nguồn/đích sumber/tujuan asal/tujuan
"""
PAIRS = [tuple(pair.split("/")) for pair in _PAIR_WORDS.split()]
#: Endings that number two columns of the same name: node1 node2, id_a id_b, 节点1 节点2.
#: With a third one they are columns of something else.
_NUMBERED = [tuple(row) for row in ["123", "012", "abc", "ijk", "xyz", "甲乙丙", "一二三"]]
#: What a column of people may be called besides its role.
_FILLER_WORDS = """
id ids name names key no nr number num code user users node nodes vertex person people account
member customer uid userid username handle screen profile agent actor label numeric
编号 账号 用户 节点 编码
"""
_THING_WORDS = """
item items product products sku order orders goods movie movies song track artist book article post
page tag category shop store merchant brand invoice transaction basket cart price quantity qty
amount rating stars review hashtag topic keyword url domain website app device game video film show
episode channelid club team event venue place restaurant hotel company firm organisation
organization school course class project repo repository paper patent gene protein drug disease
skill job department playlist station movieid itemid productid orderid asin isbn 话题 标签 视频 电影
活动 公司 学校 课程 社团 群组 餐厅 酒店 商品 商品名 订单 产品 店铺 品类 门店 价格 数量 金额 订单号
商品号 訂單 產品 注文 película curso evento empresa club film kurs verein firma veranstaltung cours
entreprise événement producto pedido artículo precio cantidad artikel bestellung produkt preis menge
produit commande prix quantité prodotto ordine товар заказ
"""
_ATTRIBUTE_WORDS = """
weight weights w value val count counts strength score freq frequency times time timestamp date
datetime ts created at type kind relation relationship sign sentiment edge properties year month day
hour directed timeset interval index row id label name duration length attributes platform channel
age gender sex city country province region community cluster group degree lat lon latitude longitude
email phone level status
权重 时间 类型 次数 日期 关系 序号 编号 年龄 性别 城市 姓名 昵称 peso fecha tipo edad ciudad gewicht datum
zeit typ alter stadt poids temps âge ville вес дата
"""
#: Words over a column that says whether two people are tied at all.
_TIED_WORDS = """
tie ties tied edge edges link links linked label labels connected connection friend friends friendship exists
present adjacent relation relationship related follows knows class target y weight value w
关系 好友 是否 是否好友 连接 标签 關係 連接 標籤 lien ami vínculo amigo verbunden freund связь друг
"""
#: What may stand below the ties with their number.
_SUM_WORDS = """
total totals sum sums subtotal count counts all 合计 总计 总数 小计 合計 總計 總數 小計 gesamt summe somme
totaux totale suma итого всего 합계 총계
"""
_FILLERS, _THINGS, _ATTRIBUTES, _TIED, _SUMS = (
    frozenset(text.split())
    for text in (_FILLER_WORDS, _THING_WORDS, _ATTRIBUTE_WORDS, _TIED_WORDS, _SUM_WORDS)
)
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words(column: str) -> list[str]:
    """Lower-case words and numbers of a column's name: ``SourceUser_id`` -> source, user, id."""
    return _WORD.findall(_CAMEL.sub(" ", column.strip()).lower())


def role(column: str) -> str:
    """A column's name without what people are called anyway; all of it if nothing is left."""
    found = words(column)
    bare = [word for word in found if word not in _FILLERS]
    return " ".join(bare or found)


def named_pair(columns: Sequence[str]) -> tuple[int, int] | None:
    """Positions of the two columns that a header names as the ends of ties.

    Parameters
    ----------
    columns : sequence of str
        The header.

    Returns
    -------
    (int, int) or None
        None if no pair is named, or if one end is named twice.
    """
    roles, parts = [role(c) for c in columns], [words(c) for c in columns]
    for left, right in PAIRS:
        exact = _only([r == left for r in roles], [r == right for r in roles])
        if exact:
            return exact
    for left, right in PAIRS:
        loose = _only([left in p for p in parts], [right in p for p in parts])
        if loose and len(left) > 2:  # short words also stand inside other columns' names
            return loose
    return _numbered_pair(columns)


def _only(left: list[bool], right: list[bool]) -> tuple[int, int] | None:
    """Positions of the one left and the one right column, or None if there are more or fewer."""
    one, other = left.index(True) if any(left) else -1, right.index(True) if any(right) else -1
    return (one, other) if sum(left) == sum(right) == 1 and one != other else None


def _numbered_pair(columns: Sequence[str]) -> tuple[int, int] | None:
    """Two columns of one name that ends in 1 and 2, a and b, and so on."""
    names = ["".join(words(c)) for c in columns]
    found = []
    for one, two, three in _NUMBERED:
        for i, name in enumerate(names):
            stem = name[: -len(one)]
            if name.endswith(one) and stem and stem + two in names and stem + three not in names:
                found.append((i, names.index(stem + two)))
    return found[0] if len(found) == 1 else None


def is_thing(column: str) -> bool:
    """True if a column holds goods, orders or ratings rather than people."""
    return any(word in _THINGS for word in words(column)) or any(t in column for t in ("商品", "订单"))


def is_attribute(column: str) -> bool:
    """True if a column says something about a tie: its weight, time or kind, or just its number."""
    found = words(column)
    return not found or all(word in _ATTRIBUTES for word in found)


def says_whether_tied(column: str) -> bool:
    """True if a column's name asks whether two people are tied: ``is_friend``, ``label``, ``weight``."""
    found = words(column)
    return bool(found) and all(word in _TIED or word in ("is", "are", "has") for word in found)


def is_sum(label: str) -> bool:
    """True if a field names the sum of what stands above it."""
    found = words(label)
    return bool(found) and all(word in _SUMS or word in ("grand", "of", "rows", "ties") for word in found)
