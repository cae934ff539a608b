"""The configuration file: its models, how it is read, and what is said when it is wrong."""

from pinekeep.model.config.loading import Configuration, load
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.problems import ConfigurationError, Problem

__all__ = ["Configuration", "ConfigurationError", "Deployment", "PinekeepFile", "Problem", "load"]
