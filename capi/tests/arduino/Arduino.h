/* What the sketch takes of Arduino's core. */
#pragma once

#include <stddef.h>
#include <stdint.h>

class StandInSerial {
public:
  void begin(unsigned long) {}
  int available();
  int read();
  void print(const char *text);
  void println(const char *text);
};

extern StandInSerial Serial;

void setup();
void loop();
