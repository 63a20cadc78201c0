/* Runs a sketch as Arduino's core does, while somebody types. */
#include "Arduino.h"

extern "C" {
#include "board.h"
}

/* Loops without a key, after which the sketch has nothing left to do. */
enum { IDLE = 1000 };

static const char typed[] = "see you\nsee you tom";
static size_t n_typed;

StandInSerial Serial;

/* A key comes in every third loop. */
int StandInSerial::available() {
  static unsigned n_asked;
  return n_typed < sizeof typed - 1 && ++n_asked % 3 == 0;
}

int StandInSerial::read() { return typed[n_typed++]; }

void StandInSerial::print(const char *text) { ::print(text); }

void StandInSerial::println(const char *text) {
  ::print(text);
  ::print("\n");
}

extern "C" int main(void) {
  setup();
  for (int i = 0; i < IDLE; i++) {
    loop();
  }
  return 0;
}
