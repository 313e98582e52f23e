"""What a frame costs, ours and the usual way. naive, opencv_loop, onnx_loop, others: the usual loop, and what runs it."""
