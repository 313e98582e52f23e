"""Parts that obey the ports of the product and do what a test wants: they answer from a script, or break.

networks   networks that answer, break, or answer nonsense
stage      networks that see what a script says, and the camera that plays it
parts      cameras and lights that fail, and boards made of them
"""
