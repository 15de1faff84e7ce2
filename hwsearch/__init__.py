"""One evaluation: what does this network cost, and how good is it?"""
