-- Odd content: NUL and 8-bit bytes, a body in pieces that split a word, no header, no body, an empty message.
local function main()
  local function send(headers, pieces)
    local c = mt.connect(sock, 20, 0.1)
    mt.conninfo(c, "client.example.com", "127.0.0.1")
    mt.mailfrom(c, "<a@example.com>")
    mt.rcptto(c, "<b@example.org>")
    if headers then mt.header(c, "Subject", "x") end
    mt.eoh(c)
    for _, piece in ipairs(pieces) do mt.bodystring(c, piece) end
    if mt.eom(c) ~= nil then error("end of message") end
    local reply = mt.getreply(c)
    mt.disconnect(c)
    return reply
  end
  if send(true, {"a\0b \200\201\255\r\n"}) == SMFIR_REPLYCODE then error("odd bytes are refused") end
  if send(true, {"about Fal", "con\r\n"}) ~= SMFIR_REPLYCODE then error("a word that is split gets through") end
  if send(true, {"one\r", "\nFalcon"}) ~= SMFIR_REPLYCODE then error("a line end that is split hides what follows") end
  if send(false, {"about Falcon\r\n"}) ~= SMFIR_REPLYCODE then error("no header") end
  if send(true, {}) == nil then error("no body") end
  if send(false, {}) == nil then error("nothing at all") end
  mt.echo("PASS bytes")
end
local ok, e = pcall(main)
if not ok then mt.echo("FAIL " .. tostring(e)) error(e) end
