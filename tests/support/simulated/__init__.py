"""Objects on known paths and the detector's noise: detections whose truth is known exactly."""
