-- Makes the requests of one operation for wrk. After the address it is given: the operation, the key, the application, the
-- message, how many threads there are, the count of the first phone number, and a file of PINs. What it knows at the end it
-- prints as one line of JSON.
local threads = {}

function setup(thread)
  thread:set("slot", #threads)
  table.insert(threads, thread)
end

local function head(method, path, length)
  local lines = method .. " " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nAuthorization: App " .. key .. "\r\n"
  if length then
    lines = lines .. "Content-Type: application/json\r\nContent-Length: " .. length .. "\r\n"
  end
  return lines .. "\r\n"
end

local function readPins(path)
  local pins, line = {}, 0
  for text in io.lines(path) do
    if line % step == slot then -- each thread has its own, so that none is used twice
      local id, code = text:match("^(%S+) (%S+)")
      table.insert(pins, { id = id, code = code })
    end
    line = line + 1
  end
  return pins
end

local make = {}

-- A number of its own for each request: see number in control.go.
function make.sendPinOverSms(app, message, first)
  local tail = '","applicationId":"' .. app .. '","messageId":"' .. message .. '"}'
  local start = head("POST", "/2fa/1/pin", #'{"to":"4915123456789' + #tail) .. '{"to":"4915'
  local n = first + slot - step
  return function()
    n = n + step
    return start .. string.format("%09d", (n * 7654321) % 1000000000) .. tail
  end
end

-- Each PIN once; "again" in the line at the end says that there were too few.
function make.verifyPin(_, _, _, path)
  local pins, i = readPins(path), 0
  local start, rest = head("POST", "/2fa/1/pin/|/verify", #'{"pin":"123456"}'):match("^([^|]*)|(.*)$")
  return function()
    i = i + 1
    if i > #pins then
      i, again = 1, 1
    end
    return start .. pins[i].id .. rest .. '{"pin":"' .. pins[i].code .. '"}'
  end
end

-- Round and round: a PIN may be sent again as often as anybody likes.
function make.resendPinOverSms(_, _, _, path)
  local pins, i = readPins(path), 0
  local start, rest = head("POST", "/2fa/1/pin/|/resend", 2):match("^([^|]*)|(.*)$")
  return function()
    i = i % #pins + 1
    return start .. pins[i].id .. rest .. "{}"
  end
end

function make.getApplication(app)
  local text = head("GET", "/2fa/1/applications/" .. app)
  return function()
    return text
  end
end

function init(args)
  key, step, again = args[2], tonumber(args[5]), 0
  request = make[args[1]](args[3], args[4], tonumber(args[6]), args[7])
end

function done(summary, latency)
  local wrapped, e = 0, summary.errors
  for _, thread in ipairs(threads) do
    wrapped = wrapped + thread:get("again")
  end
  io.write(string.format(
    'RESULT {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"max":%d,"refused":%d,"broken":%d,"again":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect + e.read + e.write + e.timeout, wrapped))
end
