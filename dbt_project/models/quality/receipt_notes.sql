select
    notes.submission_id,
    notes.note_number,
    notes.form,
    notes.sheet_name,
    notes.code,
    notes.detail,
    replace(sentences.sentence_vi, '{detail}', notes.detail) as sentence_vi,
    replace(sentences.sentence_en, '{detail}', notes.detail) as sentence_en
from {{ source("raw", "reading_notes") }} as notes
inner join {{ ref("reading_notes") }} as sentences on notes.code = sentences.code
