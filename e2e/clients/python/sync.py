"""Copies customers from the CRM and writes a few back, with the standard
library alone."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime

BASE = os.environ["CRM_URL"] + "/api/v2"


class CRMError(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class CRM:
    def __init__(self, login, password):
        self.login, self.password = login, password
        self.token = None
        self.sign_ins = self.waits = 0

    def send(self, method, path, query=(), form=None, body=None, content_type=None):
        """Sends one request and waits while the CRM says that it is too fast."""
        url = BASE + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        if form is not None:
            body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, data=body, method=method)
        if content_type:
            request.add_header("Content-Type", content_type)
        while True:
            try:
                with urllib.request.urlopen(request) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                text = error.read().decode()
                if error.code != 429 or "Retry later" not in text:
                    raise
                self.waits += 1
                time.sleep(int(error.headers.get("Retry-After", "5")))

    def sign_in(self):
        answer = self.send("POST", "/auth/login", [
            ("login", self.login), ("password", self.password),
            ("device", "open_api"), ("version_code", "9.9.9")], body=b"")
        if answer["code"] != 0:
            raise CRMError(answer["code"], answer["message"])
        self.sign_ins += 1
        return answer["data"]["user_token"]

    def call(self, method, path, query=(), **rest):
        if self.token is None:
            self.token = self.sign_in()
        while True:
            who = [("user_token", self.token), ("version_code", "9.9.9"), ("device", "open_api")]
            answer = self.send(method, path, who + list(query), **rest)
            if answer["code"] == 0:
                return answer["data"]
            if answer["code"] != 100401:
                raise CRMError(answer["code"], answer["message"])
            self.token = self.sign_in()

    def customers(self):
        """Every customer, newest first, until there is no next page."""
        page = 0  # the first page is 0 or 1
        while True:
            data = self.call("GET", "/customers/", [("per_page", 7), ("page", page), ("department_id", "")])
            for customer in data["customers"]:
                for name in ("created_at", "updated_at", "real_revisit_at"):
                    datetime.strptime(customer[name], "%Y-%m-%d %H:%M")
                region = customer["address"]["region_info"]
                if region:
                    region[3:].split(" ")
                yield customer
            if not data["has_next_page"]:
                return
            page = data["page"] + 1


def multipart(fields, name, file_name, content):
    boundary = "----------ThIs_Is_tHe_bouNdaRY_$"
    lines = []
    for key, value in fields:
        lines += ["--" + boundary, f'Content-Disposition: form-data; name="{key}"', "", str(value)]
    lines += ["--" + boundary, f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"',
              "Content-Type: application/octet-stream", ""]
    head = "\r\n".join(lines).encode() + b"\r\n"
    return head + content + f"\r\n--{boundary}--\r\n".encode(), "multipart/form-data; boundary=" + boundary


def main():
    crm = CRM(os.environ["CRM_LOGIN"], os.environ["CRM_PASSWORD"])
    ids = [customer["id"] for customer in crm.customers()]
    if len(ids) != len(set(ids)):
        sys.exit("a customer came twice")
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
    made = crm.call("GET", "/customers", [("created_at[]", today), ("created_at[]", today), ("per_page", 1)])["total_count"]

    options = crm.call("GET", "/customers/status/filter_options")["options"]
    new = [("customer[name]", "南昌市派森商贸有限公司"), ("customer[status]", options[0]["value"]),
           ("customer[address_attributes][phone]", "13800000201"),
           ("customer[address_attributes][detail_address]", "八一大道1号"),
           ("customer[contacts_attributes][0][name]", "张三"),
           ("customer[contacts_attributes][0][address_attributes][phone]", "13800000202"),
           ("customer[contacts_attributes][1][name]", "李四")]
    customer = crm.call("POST", "/customers", form=new)
    duplicate = 0
    try:
        crm.call("POST", "/customers", form=new)
    except CRMError as error:
        duplicate = error.code
    changed = crm.call("PUT", f"/customers/{customer['id']}", form=[("customer[status]", options[1]["value"])])

    body, content_type = multipart([("attachmentable_type", "Customer"), ("attachmentable_id", customer["id"])],
                                   "file", "报价.txt", "一百元".encode())
    file = crm.call("POST", "/attachments", body=body, content_type=content_type)

    lead = crm.call("POST", "/leads", form=[("lead[name]", "王五"), ("lead[company_name]", "派森线索公司"),
                                            ("lead[address_attributes][phone]", "13800000203")])
    crm.sign_in()  # somebody signs in with the same account elsewhere
    turned = crm.call("POST", f"/leads/{lead['id']}/turn_to_customer", body=b"")
    found = crm.call("GET", "/contacts", form=[("query", "张三"), ("page", 1), ("per_page", 10)])

    while crm.waits == 0:
        crm.call("GET", "/customers/filter_sort_group")
    json.dump({"customers": len(ids), "today": made, "id": customer["id"], "contacts": len(customer["contacts"]),
               "status": changed["status"], "status_mapped": changed["status_mapped"],
               "wanted_status": options[1]["value"], "duplicate": duplicate, "file": file["id"],
               "file_url": file["file_url"], "lead": lead["id"], "turned": turned["id"], "turned_name": turned["name"],
               "found": found["total_count"], "sign_ins": crm.sign_ins, "waits": crm.waits}, sys.stdout)


main()
