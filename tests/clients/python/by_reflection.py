"""Calls dsa-signal knowing nothing but its address: messages come from reflection.

usage: by_reflection.py HOST:PORT        needs: grpcio, grpcio-reflection
"""

import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


def main(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        service = pool.FindServiceByName("dsasignal.v1.ScoringService")

        def method(name):
            found = service.FindMethodByName(name)
            request = GetMessageClass(found.input_type)
            kind = channel.stream_stream if name.startswith("Stream") else channel.unary_unary
            call = kind(
                f"/{service.full_name}/{name}",
                request_serializer=request.SerializeToString,
                response_deserializer=GetMessageClass(found.output_type).FromString,
            )
            return call, request

        score, request = method("ScoreListing")
        listing = {"listing_id": "l-1", "seller_id": "s-1", "title": "Wooden chair", "price": {"currency_code": "EUR", "units": 20}}
        answer = score(ParseDict({"listing": listing}, request()), timeout=10)
        assert answer.assessment.subject.id == "l-1", answer
        assert len(answer.assessment.assessment_id) == 36, answer
        assert 0 <= answer.assessment.risk <= 1, answer

        try:
            score(ParseDict({"listing": {"title": "x" * 1025}}, request()), timeout=10)
            raise AssertionError("a bad listing was scored")
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.INVALID_ARGUMENT, error
            for field in ("listing_id", "seller_id", "title"):
                assert f"listing.{field}" in error.details(), error
            details = dict(error.trailing_metadata())["grpc-status-details-bin"]
            status = GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status")).FromString(details)
            bad_request = GetMessageClass(pool.FindMessageTypeByName("google.rpc.BadRequest"))()
            assert any(detail.Unpack(bad_request) for detail in status.details), status
            fields = [violation.field for violation in bad_request.field_violations]
            assert fields == ["listing.listing_id", "listing.seller_id", "listing.title"], fields

        stream, request = method("StreamScorePosts")
        posts = ({"post_id": f"p-{at}", "creator_id": "c-1", "text": "My new chair"} for at in range(500))
        items = (ParseDict({"correlation_id": post["post_id"], "post": post}, request()) for post in posts)
        ids = [answer.correlation_id for answer in stream(items, timeout=30)]
        assert ids == [f"p-{at}" for at in range(500)], len(ids)
    print("python, by reflection: ScoreListing, a BadRequest of three violations, 500 posts of a stream in order")


if __name__ == "__main__":
    main(sys.argv[1])
