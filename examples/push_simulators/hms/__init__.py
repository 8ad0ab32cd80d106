"""Huawei Push Kit, for Android and for HarmonyOS."""
