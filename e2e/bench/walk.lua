-- Walks through a list of requests, which are built before the clock starts.
-- Each line of the list holds a token, an ETag or "-", and a path. Every thread
-- begins at another place.
local workers = 0

function setup(thread)
   thread:set("worker", workers)
   workers = workers + 1
end

function init(args)
   requests = {}
   for line in io.lines(args[1]) do
      local token, tag, path = line:match("^(%S+) (%S+) (%S+)$")
      local headers = {
         ["Host"] = wrk.headers["Host"],
         ["Authorization"] = "Token token=" .. token .. ", device=open_api, version_code=9.9.9",
      }
      if tag ~= "-" then headers["If-None-Match"] = tag end
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
   position = (worker * 7919) % #requests
end

function request()
   position = position % #requests + 1
   return requests[position]
end

function done(summary, latency, _)
   local e = summary.errors
   io.write(string.format(
      'summary {"requests":%d,"bytes":%d,"seconds":%.6f,"p50":%.4f,"p99":%.4f,"errors":%d}\n',
      summary.requests, summary.bytes, summary.duration / 1e6, latency:percentile(50) / 1e3,
      latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
