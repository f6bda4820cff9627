"""What people write for the words and names that the form offers.

What belongs here: lists of wordings that the seeds know. What does not: when they are used.
"""

from __future__ import annotations

# Official name → what people write (frequencies in the domain notes).
SHORT_NAMES = {
    "Bộ Khoa học và Công nghệ": ("Bộ KH&CN", "BKHCN", "Bộ KHCN"),
    "Bộ Tài chính": ("Bộ tài chính", "BTC"),
    "Bộ Công an": ("Bộ công an", "BCA"),
    "Bộ Giáo dục và Đào tạo": ("Bộ GD&ĐT", "Bộ GDĐT"),
    "Bộ Nông nghiệp và Môi trường": ("Bộ NN&MT", "BNNMT"),
    "Bộ Văn hóa, Thể thao và Du lịch": ("Bộ VHTTDL", "Bộ VHTT&DL"),
    "Bộ Nội vụ": ("BNV", "bộ Nội vụ"),
    "Bộ Công Thương": ("Bộ Công thương", "BCT"),
    "Ngân hàng Nhà nước Việt Nam": ("NHNN", "Ngân hàng Nhà nước"),
    "Văn phòng Chính phủ": ("VPCP", "Văn phòng chính phủ"),
    "Thông tấn xã Việt Nam": ("TTXVN",),
    "Đài Truyền hình Việt Nam": ("VTV",),
    "Đài Tiếng nói Việt Nam": ("VOV",),
    "Thành phố Hồ Chí Minh": ("TP. HCM", "TP.HCM", "TPHCM", "TP. Hồ Chí Minh"),
    "Thành phố Hà Nội": ("TP. Hà Nội", "Hà Nội"),
    "Các bộ, ngành, địa phương": ("Các Bộ, ngành, địa phương", "các bộ, ngành và địa phương"),
    "Các địa phương": ("các địa phương",),
}
NEW_TONES = (("hóa", "hoá"), ("hòa", "hoà"), ("Hòa", "Hoà"), ("Hóa", "Hoá"))
STATUS_WORDS = {
    "Đã hoàn thành": ("Hoàn thành", "ĐÃ HOÀN THÀNH", "đã hoàn thành"),
    "Đang thực hiện": ("Đang triển khai", "ĐANG THỰC HIỆN", "đang thực hiện"),
    "Chưa thực hiện": ("Chưa triển khai", "chưa thực hiện"),
    "Thường xuyên": ("thường xuyên", "Nhiệm vụ thường xuyên"),
    "Tạm hoãn": ("Tạm dừng",),
}
SERVICE_LEVELS = {
    "Toàn trình": ("DVC toàn trình", "Dịch vụ công trực tuyến toàn trình", "TOÀN TRÌNH"),
    "Một phần": ("DVCTT một phần", "một phần"),
    "Chưa trực tuyến": ("Không trực tuyến", "Trực tiếp"),
}
YES_NO = {
    "Có": ("x", "có", "Đã"),
    "Không": ("Chưa", "không"),
    "Đạt": ("Đã đạt", "đạt", "x"),
    "Không đạt": ("Chưa đạt", "KHÔNG ĐẠT"),
}
GOALS = {
    "Tăng": ("Càng cao càng tốt", "tăng"),
    "Giảm": ("Càng thấp càng tốt", "↓"),
    "Giữ": ("Ổn định", "Không đổi"),
    "Thời điểm": ("Số liệu tại thời điểm báo cáo", "Tại thời điểm"),
    "Trong kỳ": ("Phát sinh trong kỳ", "trong kỳ"),
}
KIND_WORDS = {
    "Thường xuyên": ("Nhiệm vụ thường xuyên", "thường xuyên"),
    "Hằng năm": ("hàng năm", "Hàng năm"),
    "Theo lộ trình": ("Theo lộ trình được giao tại Kế hoạch số 02-KH/BCĐTW", "theo lộ trình"),
    "Không thời hạn": ("không thời hạn",),
}
