/* CRC-64/XZ by carry-less multiplication, eight registers of 128 bits at a time, the way of Intel's
 * "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ". Elsewhere by a table. */
#ifndef CRC64_H
#define CRC64_H

#include <stddef.h>
#include <stdint.h>

static uint64_t crc64_table[256];

static inline void crc64_init(void) {
  for (uint64_t n = 0; n < 256; n++) {
    uint64_t value = n;
    for (int bit = 0; bit < 8; bit++)
      value = value >> 1 ^ (value & 1 ? UINT64_C(0xC96C5795D7870F42) : 0);
    crc64_table[n] = value;
  }
}

static inline uint64_t crc64_by_table(uint64_t state, const uint8_t *bytes, size_t length) {
  for (size_t n = 0; n < length; n++)
    state = crc64_table[(state ^ bytes[n]) & 0xFF] ^ state >> 8;
  return state;
}

#ifdef __x86_64__
#include <immintrin.h>

/* x^(128 n - 1) and x^(128 n + 63) modulo the polynomial, reflected, for a distance of n registers. */
static const uint64_t crc64_fold[8][2] = {
    {UINT64_C(0xDABE95AFC7875F40), UINT64_C(0xE05DD497CA393AE4)},
    {UINT64_C(0x3BE653A30FE1AF51), UINT64_C(0x60095B008A9EFA44)},
    {UINT64_C(0x69A35D91C3730254), UINT64_C(0xB5EA1AF9C013ACA4)},
    {UINT64_C(0x081F6054A7842DF4), UINT64_C(0x6AE3EFBB9DD441F3)},
    {UINT64_C(0x0E31D519421A63A5), UINT64_C(0x2E30203212CAC325)},
    {UINT64_C(0xE4CE2CD55FEA0037), UINT64_C(0x2FE3FD2920CE82EC)},
    {UINT64_C(0x947874DE595052CB), UINT64_C(0x9E735CB59B4724DA)},
    {UINT64_C(0xD7D86B2AF73DE740), UINT64_C(0x8757D71D4FCC1000)},
};

__attribute__((target("pclmul,sse4.1"))) static inline __m128i crc64_move(__m128i x, int distance) {
  __m128i by = _mm_set_epi64x((long long)crc64_fold[distance - 1][0],
                              (long long)crc64_fold[distance - 1][1]);
  return _mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x11), _mm_clmulepi64_si128(x, by, 0x00));
}

/* A multiple of 128 bytes, at least 128. What is left of the folding, 16 bytes, goes by the table. */
__attribute__((target("pclmul,sse4.1"))) static inline uint64_t
crc64_by_folding(uint64_t state, const uint8_t *bytes, size_t length) {
  __m128i x[8], last;
  for (int n = 0; n < 8; n++)
    x[n] = _mm_loadu_si128((const __m128i *)bytes + n);
  x[0] = _mm_xor_si128(x[0], _mm_set_epi64x(0, (long long)state));
  for (size_t at = 128; at < length; at += 128)
    for (int n = 0; n < 8; n++)
      x[n] = _mm_xor_si128(crc64_move(x[n], 8), _mm_loadu_si128((const __m128i *)(bytes + at) + n));
  last = x[7];
  for (int n = 0; n < 7; n++)
    last = _mm_xor_si128(last, crc64_move(x[n], 7 - n));
  return crc64_by_table(0, (const uint8_t *)&last, sizeof last);
}
#endif

/* Begin with ~0, and invert the last state. */
static inline uint64_t crc64_update(uint64_t state, const uint8_t *bytes, size_t length) {
#ifdef __x86_64__
  if (length >= 128 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
    size_t folded = length & ~(size_t)127;
    state = crc64_by_folding(state, bytes, folded);
    bytes += folded;
    length -= folded;
  }
#endif
  return crc64_by_table(state, bytes, length);
}

#endif
