"""Feature of compliance: what the rules let through."""

from __future__ import annotations

from sim.compliance.review import Compliance, ComplianceParams
from sim.feature import built_in

FEATURES = (built_in("compliance", ComplianceParams, lambda c, _: [Compliance(c.compliance)]),)
