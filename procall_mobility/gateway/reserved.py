"""Operations between a server and us, which no client may reach through its session (Wire 5.4)."""

RESERVED = frozenset(
    {
        "asnRegisterServer", "asnRegisterServerV2", "asnStartMultiUserMode", "asnStartTLS",
        "asnCreateUserSession", "asnDestroyUserSession", "asnUserSessionDestroyed",
        "asnCreateMgmtSession", "asnDestroyMgmtSession", "asnMgmtSessionDestroyed",
        "asnCreateAuthToken", "asnWebServiceStatus", "asnWebServiceCapabilitiesChanged",
        "asnUCSCapabilitiesChanged", "asnWebGetIceServers", "asnWebGetIceServersV2",
        "asnRequestCERToken", "asnRegisterExternalService",
    }
)  # fmt: skip
