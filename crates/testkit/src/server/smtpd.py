# A mail server that keeps what it takes, one file a letter. Called with its address, port, folder,
# certificate, key, and the one user with a password.
#
# Letters to refused@… are refused for good, those to later@… the first time.
import os
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

host, port, folder, certificate, key, user, password = sys.argv[1:8]


class Keeper:
    def __init__(self):
        self.count = 0
        self.postponed = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later@") and address not in self.postponed:
            self.postponed.add(address)
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        head = "X-To: " + ", ".join(envelope.rcpt_tos) + "\r\n"
        head += "X-Encrypted: " + str(session.ssl is not None) + "\r\n"
        path = os.path.join(folder, "%06d" % self.count)
        with open(path + ".part", "wb") as file:
            file.write(head.encode() + envelope.content)
        os.rename(path + ".part", path)
        return "250 OK"


def check(server, session, envelope, mechanism, data):
    is_ours = (data.login, data.password) == (user.encode(), password.encode())
    # What is not handled is answered with a refusal.
    return AuthResult(success=is_ours, handled=is_ours)


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(certificate, key)
Controller(
    Keeper(),
    hostname=host,
    port=int(port),
    tls_context=tls,
    require_starttls=True,
    auth_required=True,
    authenticator=check,
).start()
threading.Event().wait()
