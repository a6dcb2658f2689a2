"""The page for the public: how deep water stands on which stretch of road, and nothing of the drains."""
