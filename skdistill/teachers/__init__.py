"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks.
"""
