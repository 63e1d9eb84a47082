-- What a verdict becomes: clean mail goes on untouched, a word of the policy is refused with the whole text.
local function main()
  local function send(body)
    local c = mt.connect(sock, 20, 0.1)
    if c == nil then error("connect") end
    mt.conninfo(c, "client.example.com", "127.0.0.1")
    mt.macro(c, SMFIC_MAIL, "i", "4ABCDEF")
    mt.mailfrom(c, "<a@example.com>", "SIZE=100")
    mt.rcptto(c, "<b@example.org>")
    mt.rcptto(c, "<c@example.net>")
    if mt.getreply(c) ~= SMFIR_CONTINUE then error("recipient refused") end
    mt.header(c, "From", "a@example.com")
    mt.header(c, "Subject", "x")
    mt.eoh(c)
    mt.bodystring(c, body)
    if mt.eom(c) ~= nil then error("end of message") end
    return c
  end
  local c = send("See you at noon.\r\n")
  if mt.getreply(c) ~= SMFIR_CONTINUE then error("clean mail does not go on") end
  if mt.eom_check(c, MT_QUARANTINE) or mt.eom_check(c, MT_HDRADD) then error("clean mail is touched") end
  mt.disconnect(c)
  c = send("about Falcon\r\n")
  if mt.getreply(c) ~= SMFIR_REPLYCODE then error("guilty mail is not refused") end
  -- miltertest compares the whole reply, codes and line ends included.
  local reply = "550-5.7.1 Message refused by the check of outgoing mail\r\n" ..
    "550 5.7.1 confidential.keywords-1: a word on the organisation's own list"
  if not mt.eom_check(c, MT_SMTPREPLY, reply) then error("another reply") end
  mt.disconnect(c)
  mt.echo("PASS verdict")
end
-- miltertest says nothing of an error in Lua, it only ends with 1.
local ok, e = pcall(main)
if not ok then mt.echo("FAIL " .. tostring(e)) error(e) end
