"""What a fit asks for and measures: its rows, its plan, its order and its schedule.

Everything here needs numpy alone. ``skdistill._keras`` carries out a ``plan.Plan`` on
``rows.Rows``; what is here runs, and is tested, without TensorFlow.
"""
