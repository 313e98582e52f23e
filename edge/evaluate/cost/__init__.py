"""What a frame costs, ours and the usual way, in the same run (`lifecert bench`). It measures the loop; it changes nothing in it.

naive, opencv_loop, onnx_loop, others   the usual loop, and what runs it
footage, visits     frames held in memory, and whole visits of the unit on them
interleave, bootstrap, duel             who is measured when, and how sure the ratio is
copies, counters    bytes that leave a frame, and work of the networks for one
frame_age, unit_process                 how old a frame is when it is judged; start, memory and growth of a real process
guard, checking     nobody wins by not looking: faces and decisions, counted (guard) on a set of clips (checking)
reaction            how soon a face that comes is seen
report, regression  the figures as one document, and against those of another run
goals               what is asked of them
"""
