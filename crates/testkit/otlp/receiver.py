"""A receiver of traces (OTLP over HTTP, protobuf) that says what comes, a line of JSON for each span."""

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


def say(what):
    print(json.dumps(what), flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/end":
            self.answer(b"")
            sys.exit(0)
        request = ExportTraceServiceRequest.FromString(body)
        told = {"path": self.path, "type": self.headers["content-type"]}
        say(told | {"body": base64.b64encode(body).decode()})
        for of_one in request.resource_spans:
            resource = MessageToDict(of_one.resource)
            for scope in of_one.scope_spans:
                for span in scope.spans:
                    say({"resource": resource, "span": MessageToDict(span)})
        self.answer(ExportTraceServiceResponse().SerializeToString())

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
