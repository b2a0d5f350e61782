// Calls dsa-signal with @grpc/grpc-js.
//
// usage: node main.cjs HOST:PORT PROTO_FOLDER        needs: npm install in this folder

const assert = require("node:assert/strict");
const { promisify } = require("node:util");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [address, protos] = process.argv.slice(2);
const files = ["dsasignal/v1/scoring_service.proto", "dsasignal/v1/policy_service.proto"];
const options = { includeDirs: [protos], keepCase: true, enums: String, longs: Number, defaults: true, oneofs: true };
const { dsasignal } = grpc.loadPackageDefinition(loader.loadSync(files, options));
const credentials = grpc.credentials.createInsecure();
const scoring = new dsasignal.v1.ScoringService(address, credentials);
const policies = new dsasignal.v1.PolicyService(address, credentials);

const unary = (client, method) => promisify(client[method].bind(client));
const listing = (at) => ({ listing_id: `l-${at}`, seller_id: "s-1", title: "Wooden chair" });
const post = (at) => ({ post_id: `p-${at}`, creator_id: "c-1", text: "My new chair" });

/** Sends `count` items as fast as the stream takes them and gives the answers. */
function converse(method, count, item) {
  return new Promise((resolve, reject) => {
    const call = scoring[method]();
    const answers = [];
    call.on("data", (answer) => answers.push(answer));
    call.on("error", reject);
    call.on("end", () => resolve(answers));
    let at = 0;
    const send = () => {
      while (at < count) {
        if (!call.write(item(at++))) return call.once("drain", send);
      }
      call.end();
    };
    send();
  });
}

async function main() {
  const scored = await unary(scoring, "ScoreListing")({ listing: listing(1) });
  assert.equal(scored.assessment.subject.id, "l-1");
  assert.match(scored.assessment.action, /^ACTION_/);

  await assert.rejects(unary(scoring, "ScorePost")({ post: {} }), (error) => {
    assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
    assert.match(error.details, /post\.post_id is required; post\.creator_id is required/);
    return true;
  });

  const listings = await converse("StreamScoreListings", 5000, (at) => ({
    correlation_id: String(at),
    listing: at % 100 === 50 ? {} : listing(at),
  }));
  assert.deepEqual(listings.map((answer) => answer.correlation_id), [...Array(5000).keys()].map(String));
  assert.equal(listings.filter((answer) => answer.result === "error").length, 50);
  const posts = await converse("StreamScorePosts", 500, (at) => ({ correlation_id: String(at), post: post(at) }));
  assert.equal(posts.filter((answer) => answer.result === "assessment").length, 500);

  const { policy } = await unary(policies, "GetPolicy")({});
  assert.equal(policy.digest.length, 64);
  console.log("node: ScoreListing, a refusal, 5000 listings and 500 posts of streams in order, GetPolicy");
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
