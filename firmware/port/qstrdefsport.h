// Names that no source file mentions as MP_QSTR_*.
// clang-format off
Q(VCP+MSC)
