-- Official codes and names: the only rows of the sample that are not invented.
select
    communes.agency_code,
    reporting_dates.reporting_date,
    communes.commune_code,
    communes.commune_name
from seeds.communes as communes
cross join (values (date '2025-09-23'), (date '2025-10-28')) as reporting_dates (reporting_date)
