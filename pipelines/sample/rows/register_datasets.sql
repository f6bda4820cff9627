-- 117 databases: the 12 key ones of Plan 02, of which 11 stand in the list of Resolution 214 too,
-- and the 105 specialised ones of Resolution 71. Every central agency owns at least one.
with reporting_dates (reporting_date) as (
    values (date '2025-09-23'), (date '2025-10-28')
),

lists (list_source, first_number, last_number) as (
    values
    ('Kế hoạch 02-KH/BCĐTW', 1, 12),
    ('Nghị quyết 214/NQ-CP', 1, 11),
    ('Nghị quyết 71/NQ-CP', 13, 117)
),

owners as (
    select list(member_code order by member_code) as codes
    from seeds.agency_group_members
    where group_code = 'G-CENTRAL'
),

topics as (
    select [
        'đất ở', 'rừng trồng', 'nguồn nước', 'khí tượng', 'khoáng sản', 'cảng biển', 'đường bộ',
        'nhà ở', 'quy hoạch', 'hộ tịch', 'thừa phát lại', 'lao động', 'việc làm', 'cán bộ',
        'người có công', 'thuế hộ kinh doanh', 'tài sản công', 'đấu thầu', 'ngân sách', 'tín dụng',
        'thanh toán', 'năng lượng', 'thương mại điện tử', 'xuất xứ hàng hóa', 'trường học',
        'văn bằng', 'khám bệnh', 'dược', 'tiêm chủng', 'di sản', 'du lịch', 'thể thao', 'báo chí',
        'phát thanh', 'sáng chế', 'tần số', 'bưu chính', 'lãnh sự', 'khiếu nại'
    ] as names
)

select
    owners.codes[
        1 + if(
            one.n between 13 and 34, one.n - 13, draw('owner|' || one.n, 0, len(owners.codes) - 1)
        )
    ] as agency_code,
    reporting_dates.reporting_date,
    'DB' || lpad(one.n::varchar, 3, '0') as dataset_code,
    lists.list_source,
    'Cơ sở dữ liệu ' || ['hồ sơ', 'đối tượng quản lý', 'kết quả giải quyết'][1 + (one.n - 1) // 39]
    || ' về ' || topics.names[1 + (one.n - 1) % 39] || ' (giả định)' as dataset_name,
    [1, 7, 30, 90, 365][draw('cycle|' || one.n, 1, 5)]::bigint as update_cycle_days,
    draw('records|' || one.n, 11, 99) * [100, 1000, 10000, 100000, 1000000][
        draw('size|' || one.n, 1, 5)
    ]::bigint as records_expected
from lists
cross join owners
cross join topics
cross join reporting_dates
cross join unnest(range(lists.first_number, lists.last_number + 1)) as one (n)
