-- Several messages of one connection, given up in the middle, and connections that end abruptly: nothing is left of an earlier message.
local function main()
  local c = mt.connect(sock, 20, 0.1)
  mt.conninfo(c, "client.example.com", "127.0.0.1")
  for n = 1, 3 do
    mt.mailfrom(c, "<a@example.com>")
    mt.rcptto(c, "<b@example.org>")
    mt.data(c)
    mt.header(c, "Subject", "Falcon")
    mt.abort(c)
    mt.mailfrom(c, "<a@example.com>")
    mt.rcptto(c, "<b@example.org>")
    mt.data(c)
    mt.header(c, "Subject", "two")
    mt.eoh(c)
    mt.bodystring(c, string.rep("noon\r\n", 10000))
    if mt.eom(c) ~= nil then error("end of message") end
    if mt.getreply(c) ~= SMFIR_CONTINUE then error("something is left of the message that was given up") end
  end
  mt.disconnect(c, true)
  c = mt.connect(sock)
  mt.conninfo(c, "x", "127.0.0.1")
  mt.mailfrom(c, "<a@example.com>")
  mt.disconnect(c, false)
  c = mt.connect(sock)
  mt.conninfo(c, "x", "unspec")
  mt.disconnect(c)
  mt.echo("PASS session")
end
local ok, e = pcall(main)
if not ok then mt.echo("FAIL " .. tostring(e)) error(e) end
