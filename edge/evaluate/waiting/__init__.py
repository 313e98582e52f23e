"""How long a visitor waits: visits of people from footage, played at the pace of life through the attempt of the product.

cast.py has the people and what they do, camera.py a camera that waits for nobody, visits.py plays them, report.py reckons.
"""
