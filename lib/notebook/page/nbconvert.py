"""How nbconvert turns an executed notebook into HTML: its plainest template, and formulas as MathML.

Browsers show MathML without a script, so the pages need no network.
"""

import re

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer

c = get_config()  # noqa: F821 (given by nbconvert)
c.HTMLExporter.template_name = "basic"
c.HTMLExporter.exclude_anchor_links = True
c.TemplateExporter.exclude_input_prompt = True
c.TemplateExporter.exclude_output_prompt = True
c.CoalesceStreamsPreprocessor.enabled = True

# LaTeX that the converter does not know, in words that it does.
LATEX = [
    (r"\\(begin|end)\{(?:aligned|align|equation|gathered)\*?\}", r"\\\1{align*}"),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\arg(?![A-Za-z])", r"\\mathrm{arg}\\,"),
    (r"\\(math(?:bb|cal|bf|rm)|boldsymbol)\s+(\w)", r"\\\1{\2}"),
]

# MathML that says less than the LaTeX it came from: relations and signs are operators, and a thin space stands between a
# function's name and its argument.
MATHML = [
    (r"<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
    (r"<mi>&#x000B1;</mi>", "<mo>&#x000B1;</mo>"),
    (r"(<mi>(?:log|ln|exp|sin|cos|det)</mi>)(?=<m(?:i|n|sub|sup|subsup|row|frac|over)\b)", r'\1<mspace width="0.167em" />'),
]


def mathml(latex, display="inline"):
    """Gives a formula as MathML. A command that stays unknown is an error, not a blemish on the page."""
    out = latex.strip()
    for pattern, replacement in LATEX:
        out = re.sub(pattern, replacement, out)
    out = convert(out, display=display)
    for pattern, replacement in MATHML:
        out = re.sub(pattern, replacement, out)
    unknown = re.search(r"\\[A-Za-z]*|<mi>&</mi>", out)
    if unknown:
        raise ValueError(f"cannot show the formula {latex.strip()!r}: {unknown.group()} is not understood")
    return out


IPythonRenderer.inline_math = lambda self, body: mathml(body)
IPythonRenderer.block_math = lambda self, body: mathml(body, "block")
IPythonRenderer.latex_environment = lambda self, name, body: mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")
