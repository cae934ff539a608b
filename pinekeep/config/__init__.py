"""The configuration file: its models, how it is read, and what is said when it is wrong."""

from pinekeep.config.loading import Configuration, load
from pinekeep.config.models import Deployment, PinekeepFile
from pinekeep.config.problems import ConfigurationError, Problem

__all__ = ["Configuration", "ConfigurationError", "Deployment", "PinekeepFile", "Problem", "load"]
