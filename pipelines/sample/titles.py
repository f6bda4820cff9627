"""Invented wording: titles, products, evidence, persons, obstacles.

Every text is made of word lists, and says that it is invented where it could be taken for real.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import product

_VERBS = (
    "Xây dựng",
    "Rà soát, hoàn thiện",
    "Ban hành",
    "Triển khai",
    "Nâng cấp",
    "Đánh giá",
    "Chuẩn hóa",
    "Thí điểm",
    "Kết nối, chia sẻ",
    "Tổ chức vận hành",
)
_OBJECTS = (
    ("đề án", "Đề án được phê duyệt"),
    ("kế hoạch", "Kế hoạch được ban hành"),
    ("bộ tiêu chí", "Quyết định ban hành bộ tiêu chí"),
    ("cơ sở dữ liệu", "Cơ sở dữ liệu đưa vào khai thác"),
    ("nền tảng số", "Nền tảng số đưa vào vận hành"),
    ("quy trình điện tử", "Quy trình điện tử được công bố"),
    ("chương trình đào tạo", "Báo cáo kết quả đào tạo"),
    ("cơ chế phối hợp", "Quy chế phối hợp được ký"),
    ("hạ tầng dùng chung", "Biên bản nghiệm thu hạ tầng"),
    ("bộ chỉ số theo dõi", "Bộ chỉ số được phê duyệt"),
)
_FIELDS = (
    "quản lý tài sản công",
    "đất đai và môi trường",
    "khám chữa bệnh từ xa",
    "giáo dục phổ thông",
    "giao thông thông minh",
    "an toàn thông tin mạng",
    "hộ tịch điện tử",
    "lưu trữ số",
    "doanh nghiệp nhỏ và vừa",
    "nghiên cứu cơ bản",
    "sở hữu trí tuệ",
    "năng lượng sạch",
    "nông nghiệp số",
    "du lịch thông minh",
    "thanh toán không dùng tiền mặt",
    "bảo hiểm xã hội",
    "đào tạo nhân lực số",
    "trí tuệ nhân tạo",
    "truyền thông cơ sở",
    "dịch vụ công trực tuyến",
)
_OBSTACLES = (
    "Thiếu nhân lực chuyên môn",
    "Chưa được bố trí đủ kinh phí",
    "Chờ ý kiến của cơ quan phối hợp",
    "Quy định hiện hành chưa thống nhất",
    "Dữ liệu đầu vào chưa đầy đủ",
)
_PROPOSALS = (
    "Đề nghị bổ sung kinh phí",
    "- Đề nghị sớm có hướng dẫn",
    "+ Bổ sung biên chế chuyên trách",
    "= Giữ nguyên thời hạn, tăng giao ban",
    "Kiến nghị gia hạn",
)
_PAPERS = ("Quyết định", "Báo cáo", "Công văn", "Tờ trình")
_LEGAL_BASIS = {
    "NQ71": "Nghị quyết 71/NQ-CP ngày 01/4/2025",
    "KL": "Thông báo kết luận số {number}-TB/BCĐTW (giả định)",
    "KH02": "Kế hoạch 02-KH/BCĐTW ngày 19/6/2025",
}


def titles(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Unique titles, each with what the task must deliver."""
    combinations = list(product(_VERBS, _OBJECTS, _FIELDS))
    rng.shuffle(combinations)
    for verb, (thing, deliverable), field in combinations:
        yield f"{verb} {thing} về {field} (giả định)", deliverable


def legal_basis(rng: random.Random, programme: str) -> str:
    """The document that assigns a task of the programme."""
    return _LEGAL_BASIS[programme].format(number=rng.randint(10, 40))


def person(rng: random.Random) -> str:
    """A name that nobody bears."""
    family = rng.choice(("Nguyễn Văn", "Trần Thị", "Lê Văn"))
    return f"{family} {rng.choice('ABCDEH')}{rng.randint(1, 99)}"


def evidence(rng: random.Random, agency: str, signed_on: date) -> str:
    """A document that proves completion."""
    number = rng.randint(20, 4000)
    return f"{rng.choice(_PAPERS)} số {number}/{agency} (giả định) ngày {signed_on:%d/%m/%Y}"


def obstacle(rng: random.Random) -> str:
    """A reason for delay."""
    return rng.choice(_OBSTACLES)


def proposal(rng: random.Random) -> str:
    """A wish; some begin with the signs that a spreadsheet takes for a formula."""
    return rng.choice(_PROPOSALS)
