#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

// Only what can't be written in Swift: variadic functions and macros with casts.

/// EVP_EC_gen(3): a new key on a named curve, or NULL.
static inline EVP_PKEY *
ccrypto_ec_key(const char *curve)
{
  return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

/// BIO_get_mem_data(3): what was written to a memory BIO, which keeps it.
static inline long
ccrypto_bio_data(BIO *bio, char **data)
{
  return BIO_get_mem_data(bio, data);
}
