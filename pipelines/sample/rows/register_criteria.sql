-- The list of the 16 criteria is not published: these are invented, and no agency's in particular.
select
    reporting_dates.reporting_date,
    'TC' || lpad(criteria.number::varchar, 2, '0') as criterion_code,
    criteria.criterion_name || ' (giả định)' as criterion_name
from (
    values
    (1, 'Họp trực tuyến với cấp tỉnh được tổ chức ổn định'),
    (2, 'Tỷ lệ văn bản được ký số đạt từ 90%'),
    (3, 'Văn bản được gửi, nhận qua trục liên thông'),
    (4, 'Trung tâm phục vụ hành chính công có đủ thiết bị'),
    (5, 'Tỷ lệ hồ sơ được số hóa đạt từ 90%'),
    (6, 'Cán bộ, công chức có chứng thư số còn hiệu lực'),
    (7, 'Mạng truyền số liệu chuyên dùng hoạt động thông suốt'),
    (8, 'Đường truyền internet băng rộng có phương án dự phòng'),
    (9, 'Máy tính đáp ứng yêu cầu công việc'),
    (10, 'Hệ thống thông tin được phê duyệt cấp độ an toàn'),
    (11, 'Có cán bộ phụ trách công nghệ thông tin'),
    (12, 'Có tổ công nghệ số cộng đồng hoạt động'),
    (13, 'Thanh toán phí, lệ phí trực tuyến được triển khai'),
    (14, 'Cổng thông tin điện tử được cập nhật hằng tuần'),
    (15, 'Phản ánh, kiến nghị được xử lý trên môi trường số'),
    (16, 'Dữ liệu dân cư được khai thác khi giải quyết hồ sơ')
) as criteria (number, criterion_name)
cross join (values (date '2025-09-23'), (date '2025-10-28')) as reporting_dates (reporting_date)
