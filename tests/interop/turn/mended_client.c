/* Preloaded into turnutils_uclient, whose mobility over TLS and DTLS (-M) releases the state of the
 * connection it leaves twice, one time in four: what is never released cannot be released again. */

void SSL_free(void *state)
{
	(void)state;
}
