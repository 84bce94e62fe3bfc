"""A table as a Parquet file, for those who load many."""

from io import BytesIO

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns


def parquet(columns: Columns) -> bytes:
    """The rows with their types.

    Raises
    ------
    AhasdError
        pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise AhasdError("Parquet needs pyarrow: pip install 'ahasd[parquet]'") from error
    content = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns.document()), content)
    return content.getvalue()
