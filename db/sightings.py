"""Where files were seen, as columns of statements."""

from typing import Any

from sqlalchemy import Function, ScalarSelect, SQLColumnExpression, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.models import Sighting

__all__ = ["first_path", "paths_of"]


def first_path(file_id: SQLColumnExpression[int]) -> ScalarSelect[str]:
    """Returns the path at which a file was first seen, as a column of a statement that has the file's id."""
    return select(Sighting.path).where(Sighting.file_id == file_id).order_by(Sighting.id).limit(1).scalar_subquery()


def paths_of(file_id: SQLColumnExpression[int]) -> Function[Any]:
    """Returns the paths at which a file was seen, in the order of their first sightings, as an array likewise."""
    paths = select(Sighting.path).where(Sighting.file_id == file_id).group_by(Sighting.path)
    return func.array(paths.order_by(func.min(Sighting.id)).scalar_subquery(), type_=ARRAY(Text()))
