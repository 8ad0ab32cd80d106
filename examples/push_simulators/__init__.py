"""Push providers to test and show against: APNs, FCM, Huawei's, a Web Push service and WNS.

They check what the real ones check, answer in the real ones' words, and misbehave on request.
"""
