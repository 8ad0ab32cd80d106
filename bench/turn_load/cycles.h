/* Clients that come and go. */
#pragma once

#include "session.h"

/* Lets `clients` at a time allocate, bind a channel and release, each time from a new socket;
   prints one line of JSON. */
void run_cycles(const struct account *account, unsigned clients, double seconds);
