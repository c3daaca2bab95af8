"""Tables as Markdown and as HTML."""

from html import escape


def markdown_table(header, rows):
    """Return a table in Markdown.

    Parameters
    ----------
    header : list of str
    rows : list of list of str
    """
    lines = ["| " + " | ".join(row) + " |" for row in ([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *lines])


def html_table(header, rows):
    """Return a table in HTML; the parameters are those of ``markdown_table``."""
    parts = [_html_row(header, "th"), *(_html_row(row, "td") for row in rows)]
    return f"<table>{''.join(parts)}</table>"


def _html_row(cells, tag):
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def format_number(value, digits=4):
    """Return a number in a cell: counts with thousands separators, NaN as a dash."""
    if isinstance(value, str):
        return value
    if value != value:
        return "–"
    return f"{value:,.0f}" if digits == 0 or abs(value) >= 1000 else f"{value:.{digits}f}"
