"""When things run; what they are is none of its business."""
