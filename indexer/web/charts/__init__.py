"""Computes the positions of the bars and labels of charts; templates draw them as SVG. Pure.

In: what happened or was counted, by the day or by the period, and the current time.
Out: positions in per cent, and labels.
May not: ask the index, or write SVG.

axis            the sizes of drawings, the top of an axis, dates beneath it
change_columns  changes for each day
count_bars      pulls and stars for each day
tag_timeline    the history of a tag
"""
