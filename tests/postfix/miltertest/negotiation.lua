-- An old mail server that can do little, and one that can do all. The order of mt.negotiate is connection, version, steps, actions.
local function main()
  local c = mt.connect(sock, 20, 0.1)
  if mt.negotiate(c, 2, 0x7f, 1) ~= nil then error("version 2") end
  if mt.test_action(c, SMFIF_QUARANTINE) then error("asks for an action that was not offered") end
  mt.conninfo(c, "client.example.com", "127.0.0.1")
  mt.mailfrom(c, "<a@example.com>")
  mt.rcptto(c, "<b@example.org>")
  mt.header(c, "Subject", "v2")
  mt.eoh(c)
  mt.bodystring(c, "noon\r\n")
  mt.eom(c)
  if mt.getreply(c) ~= SMFIR_CONTINUE then error("a message by version 2") end
  mt.disconnect(c)
  c = mt.connect(sock)
  if mt.negotiate(c, 6, 0x1fffff, 0x1ff) ~= nil then error("version 6") end
  if not mt.test_action(c, SMFIF_QUARANTINE) then error("does not ask to hold") end
  if mt.test_option(c, SMFIP_NODATA) then error("leaves DATA out") end
  mt.disconnect(c)
  mt.echo("PASS negotiation")
end
local ok, e = pcall(main)
if not ok then mt.echo("FAIL " .. tostring(e)) error(e) end
