"""The version of the package, also for the files that it writes, and the address of its documentation."""

__version__ = "0.1.0"

#: Such as "https://OWNER.github.io/skdistill/", with the slash. While it is empty, nothing links to the site.
SITE = ""
