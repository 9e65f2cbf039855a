"""What people read and watch: notes, and what influencers post and stream."""
