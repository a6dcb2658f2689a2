"""The queue, the workers, and the limited process of a job."""
