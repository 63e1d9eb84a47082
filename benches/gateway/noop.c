/* A milter that reads everything and does nothing, by libmilter: what the wire alone costs. cc -O2 -o noop noop.c -lmilter -lpthread */
#include <libmilter/mfapi.h>

static sfsistat header(SMFICTX *context, char *name, char *value) { return SMFIS_CONTINUE; }
static sfsistat body(SMFICTX *context, unsigned char *bytes, size_t size) { return SMFIS_CONTINUE; }
static sfsistat end(SMFICTX *context) { return SMFIS_CONTINUE; }
static sfsistat path(SMFICTX *context, char **arguments) { return SMFIS_CONTINUE; }

static sfsistat negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long f2, unsigned long f3,
                          unsigned long *wanted_actions, unsigned long *wanted_steps, unsigned long *w2, unsigned long *w3) {
    *wanted_actions = 0;
    /* What presend asks for: no HELO, no unknown commands, no replies but to MAIL and the end of the message. */
    *wanted_steps = SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NR_HDR | SMFIP_NR_CONN | SMFIP_NR_RCPT | SMFIP_NR_DATA | SMFIP_NR_EOH | SMFIP_NR_BODY;
    *w2 = *w3 = 0;
    return SMFIS_CONTINUE;
}

int main(int count, char **arguments) {
    struct smfiDesc milter = {"noop", SMFI_VERSION, 0, 0, 0, path, path, header, 0, body, end, 0, 0, 0, 0, negotiate};
    smfi_setconn(arguments[1]);
    return smfi_register(milter) == MI_FAILURE ? 1 : smfi_main();
}
